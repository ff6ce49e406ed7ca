#!/bin/bash
# What one would write instead of the coordinator, with the AWS CLI, in as few calls as it allows: the size of the live group to the
# idle one, until the load balancer says that all of it is healthy; then the old instances into Standby, twenty a call. It looks
# as often as people let it, keeps no record, holds off no scale-in, verifies no digest and cannot be resumed.
# Usage: deploy.sh LIVE_GROUP IDLE_GROUP VERSION TARGET_GROUP_ARN
set -euo pipefail
export AWS_PAGER=

live=$1 idle=$2 version=$3 target_group=$4
look_every=5

asg() { aws autoscaling "$@"; }
group() {
  asg describe-auto-scaling-groups --auto-scaling-group-names "$1" --query "AutoScalingGroups[0].$2" --output text
}
# One instance id a line, sorted.
members() { group "$1" "Instances[?LifecycleState=='$2'].InstanceId" | tr -s '\t' '\n' | sed '/^None$/d' | sort; }
healthy() {
  aws elbv2 describe-target-health --target-group-arn "$target_group" --output text \
    --query "TargetHealthDescriptions[?TargetHealth.State=='healthy'].Target.Id" | tr -s '\t' '\n' | sort
}
ready() { comm -12 <(members "$idle" InService) <(healthy) | wc -l; }

digest=$(aws ecr describe-images --repository-name web --image-ids "imageTag=$version" \
  --query 'imageDetails[0].imageDigest' --output text)
read -r min max desired < <(group "$live" '[MinSize,MaxSize,DesiredCapacity]')

tag="ResourceId=$idle,ResourceType=auto-scaling-group,PropagateAtLaunch=false"
asg create-or-update-tags --tags "$tag,Key=switchover:version,Value=$version" "$tag,Key=switchover:digest,Value=$digest"
asg update-auto-scaling-group --auto-scaling-group-name "$idle" \
  --min-size "$min" --max-size "$max" --desired-capacity "$desired"

until [ "$(ready)" -ge "$desired" ]; do sleep "$look_every"; done

asg update-auto-scaling-group --auto-scaling-group-name "$live" --min-size 0
members "$live" InService | xargs --no-run-if-empty --max-args=20 \
  aws autoscaling enter-standby --auto-scaling-group-name "$live" --should-decrement-desired-capacity \
  --output text --query 'Activities[].StatusCode' --instance-ids >/dev/null

until [ -z "$(members "$live" EnteringStandby)" ]; do sleep "$look_every"; done
