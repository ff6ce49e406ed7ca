// One file, so that the SDK is loaded once for all operations of the two services.
import './elb/describe-instance-health.ts'
import './elb/settings.ts'
import './elbv2/deregister-targets.ts'
import './elbv2/describe-target-health.ts'
import './elbv2/register-targets.ts'
import './elbv2/target-groups.ts'
