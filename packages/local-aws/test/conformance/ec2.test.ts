// One file, so that the SDK is loaded once for all operations of the service.
import './ec2/create-tags.ts'
import './ec2/describe-instance-status.ts'
import './ec2/describe-instances.ts'
import './ec2/terminate-instances.ts'
