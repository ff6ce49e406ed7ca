import { bundleBytesMax, bundleFilesMax } from '@switchover/contract/bundle'

/** Headers and padding of a tar come on top of its files' bytes. */
export const tarBytesMax = bundleBytesMax + (bundleFilesMax + 20) * 1_536
