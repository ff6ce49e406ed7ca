// One file, so that the SDK is loaded once for all operations of the service.
import './ecr/images.ts'
