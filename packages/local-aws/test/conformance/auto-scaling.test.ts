// One file, so that the SDK is loaded once for all operations of the service.
import './auto-scaling/detach-instances.ts'
import './auto-scaling/enter-standby.ts'
import './auto-scaling/exit-standby.ts'
import './auto-scaling/standby.ts'
import './auto-scaling/terminate-instance-in-auto-scaling-group.ts'
