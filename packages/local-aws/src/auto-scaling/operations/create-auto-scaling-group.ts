import { checkLength, flag, integer, need, needInteger, rows, texts } from '../../input.ts'
import { uuid } from '../../ids.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { causeTime } from '../activities.ts'
import type { Group } from '../group.ts'
import { readHook } from '../hooks.ts'
import {
  checkBounds,
  readGrace,
  readHealthCheckType,
  readLoadBalancers,
  readPlaces,
  readTargetGroups,
  readTemplate,
  refuseNotOffered,
} from '../settings.ts'
import { checkTags, readTags } from '../tags.ts'

/** Default quota (UG ec2-auto-scaling-quotas). */
const perRegion = 500

/** The group starts with its desired capacity missing and launches it soon after. API defaults: grace 0, cooldown 300 s. */
export const createAutoScalingGroup: Operation = (cloud, input) => {
  const name = need(input, 'AutoScalingGroupName')
  checkLength('autoScalingGroupName', name, 255)
  const { autoScaling, clock, region, account, random } = cloud
  checkRoom(autoScaling.groups, name)
  refuseNotOffered(input)
  const template = readTemplate(cloud, input)
  if (!template)
    throw new AwsError(
      'ValidationError',
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    )
  const min = needInteger(input, 'MinSize')
  const max = needInteger(input, 'MaxSize')
  const desired = integer(input, 'DesiredCapacity') ?? min
  checkBounds(min, max, desired)
  const places = readPlaces(cloud, input)
  if (!places)
    throw new AwsError('ValidationError', 'At least one Availability Zone or VPC Subnet is required.')
  const now = clock.now()
  const group: Group = {
    name,
    arn: `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${uuid(random)}:autoScalingGroupName/${name}`,
    createdAt: now,
    template,
    min,
    max,
    desired,
    cooldownS: integer(input, 'DefaultCooldown') ?? 300,
    ...places,
    healthCheckType: readHealthCheckType(input) ?? 'EC2',
    graceS: readGrace(input) ?? 0,
    protectNew: flag(input, 'NewInstancesProtectedFromScaleIn') ?? false,
    terminationPolicies: listOr(texts(input, 'TerminationPolicies'), ['Default']),
    suspended: new Map(),
    tags: new Map(),
    trafficSources: new Map(
      [...readLoadBalancers(cloud, input), ...readTargetGroups(cloud, input)].map((id) => [id, 'Adding']),
    ),
    hooks: new Map(
      rows(input, 'LifecycleHookSpecificationList').map((row) => [
        need(row, 'LifecycleHookName'),
        readHook(row, null),
      ]),
    ),
    policies: new Map(),
    schedules: new Map(),
    members: new Map(),
    activities: [],
    request: `At ${causeTime(now)} a user request created an AutoScalingGroup changing the desired capacity from 0 to ${desired}.  `,
    cooldown: null,
    rebalancing: false,
    launchAfter: 0,
    protectedNoteFor: null,
    deleting: false,
  }
  const tags = readTags(input)
  checkTags(group.tags, tags)
  for (const { key, value, propagate } of tags) group.tags.set(key, { value, propagate })
  autoScaling.add(group)
  return {}
}

/** @throws {AwsError} AlreadyExists; LimitExceeded, whose text is not published. */
function checkRoom(groups: ReadonlyMap<string, Group>, name: string): void {
  if (groups.has(name))
    throw new AwsError(
      'AlreadyExists',
      `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
    )
  if (groups.size >= perRegion)
    throw new AwsError(
      'LimitExceeded',
      `The number of Auto Scaling groups is limited to ${perRegion} for each Region`,
    )
}

function listOr(list: readonly string[], fallback: readonly string[]): readonly string[] {
  return list.length > 0 ? list : fallback
}
