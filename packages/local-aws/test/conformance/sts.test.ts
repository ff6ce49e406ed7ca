// One file, so that the SDK is loaded once for all operations of the service.
import './sts/assume-role.ts'
import './sts/get-caller-identity.ts'
