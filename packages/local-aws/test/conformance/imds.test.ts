// One file, so that the SDK is loaded once for all of them.
import './imds/notices.ts'
import './imds/read.ts'
import './imds/token.ts'
