// One file, so that the SDK is loaded once for all operations of the service.
import './cloud-watch/describe-alarms.ts'
import './cloud-watch/put-metric-alarm.ts'
import './cloud-watch/set-alarm-state.ts'
