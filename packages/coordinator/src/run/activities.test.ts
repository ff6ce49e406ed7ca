import { expect, test } from 'vitest'
import { launchFailureKind, replacement } from './activities.ts'

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
  [
    'capacity',
    'Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity available that matches your request.',
  ],
  [
    'capacity',
    'Your spot request price of 0.015 is lower than the minimum required spot request fulfillment price of 0.0735. Launching EC2 instance failed.',
  ],
  ['capacity', 'Could not launch Spot Instances. SpotMaxPriceTooLow - Your price is too low.'],
  ['capacity', 'Insufficient capacity. Launching EC2 instance failed.'],
  [
    'capacity',
    'Your requested instance type (t3.small) is not supported in your requested Availability Zone (us-east-1e). Launching EC2 instance failed.',
  ],
  [
    'capacity',
    'The requested Availability Zone is no longer supported. Please retry your request by not specifying an Availability Zone. Launching EC2 instance failed.',
  ],
  ['capacity', 'An internal error has occurred. Launching EC2 instance failed.'],
  ['capacity', 'Request limit exceeded. Launching EC2 instance failed.'],
  ['permanent', 'Client.InternalError: Client error on launch.'],
  [
    'permanent',
    'Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded. Launching EC2 instance failed.',
  ],
  [
    'permanent',
    'Could not launch On-Demand Instances. VcpuLimitExceeded - You have requested more vCPU capacity than your current vCPU limit of 32 allows.',
  ],
  ['permanent', "The key pair 'ops' does not exist. Launching EC2 instance failed."],
  ['permanent', 'AMI ami-1 is pending, and cannot be run. Launching EC2 instance failed.'],
  ['permanent', 'Invalid device name upload. Launching EC2 instance failed.'],
  [
    'permanent',
    'The requested configuration is currently not supported. Please check the documentation for supported configurations. Launching EC2 instance failed.',
  ],
  ['permanent', 'You are not authorized to use launch template: lt-1. Launching EC2 instance failed.'],
  [
    'permanent',
    'The architecture x86_64 of the specified instance type does not match the AMI. Launching EC2 instance failed.',
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

const activity = {
  ActivityId: '1',
  AutoScalingGroupName: 'web-green',
  StartTime: new Date(2_000),
  StatusCode: 'InProgress' as const,
  Description: 'Terminating EC2 instance: i-0123456789abcdef0',
}

test.each([
  ['At T an instance was taken out of service in response to an ELB system health check failure.', true],
  [
    'At T an instance was taken out of service in response to an EC2 health check that indicated it had been terminated or stopped.',
    true,
  ],
  [
    'At T a monitor alarm low in state ALARM triggered policy in changing the desired capacity from 3 to 2.  At T an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 3 to 2.  At T instance i-0123456789abcdef0 was selected for termination.',
    false,
  ],
])('%s replaces: %s', (Cause, expected) => {
  expect(replacement({ ...activity, Cause })).toEqual(
    expected ? { at: 2_000, instance: 'i-0123456789abcdef0', cause: Cause } : null,
  )
})
