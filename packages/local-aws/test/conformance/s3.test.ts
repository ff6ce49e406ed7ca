// One file, so that the SDK is loaded once for all operations of the service.
import './s3/delete-object.ts'
import './s3/get-object.ts'
import './s3/list-objects-v2.ts'
import './s3/put-object.ts'
