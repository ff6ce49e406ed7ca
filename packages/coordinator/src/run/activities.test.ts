import { expect, test } from 'vitest'
import { launchFailureKind } from './activities.ts'

test.each([
  [
    'capacity',
    'We currently do not have sufficient t3.small capacity in the Availability Zone you requested (us-east-1a). Launching EC2 instance failed.',
  ],
  [
    'capacity',
    'There is no Spot capacity available that matches your request. Launching EC2 instance failed.',
  ],
  [
    'capacity',
    'Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient capacity.',
  ],
  [
    'capacity',
    'There are not enough free addresses in subnet subnet-1 to satisfy the requested number of instances.',
  ],
  ['permanent', "The image id '[ami-1]' does not exist. Launching EC2 instance failed."],
  [
    'permanent',
    'You have requested more vCPU capacity than your current vCPU limit of 32 allows. Launching EC2 instance failed.',
  ],
  ['permanent', 'You are not authorized to perform this operation. Launching EC2 instance failed.'],
  ['permanent', 'Invalid IAM Instance Profile name. Launching EC2 instance failed.'],
  ['permanent', "The security group 'sg-1' does not exist. Launching EC2 instance failed."],
] as const)('%s: %s', (kind, sentence) => {
  expect(launchFailureKind(sentence)).toBe(kind)
})
