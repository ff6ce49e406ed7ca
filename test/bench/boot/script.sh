#!/bin/bash
# What one would write instead of the agent, with the AWS CLI and the Docker CLI, in as few calls as they allow: who am I,
# which group, its tags, the compose file, login, pull, retag, up. It neither retries nor verifies, and answers nobody.
set -euo pipefail

token=$(curl -sSf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
metadata() { curl -sSf -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"; }
instance=$(metadata instance-id)
AWS_REGION=$(metadata placement/region)
export AWS_REGION

group=$(aws autoscaling describe-auto-scaling-instances --instance-ids "$instance" \
  --query 'AutoScalingInstances[0].AutoScalingGroupName' --output text)
declare -A tag
# The instance role may not DescribeTags.
while IFS=$'\t' read -r key value; do tag[$key]=$value; done < <(
  aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$group" \
    --query 'AutoScalingGroups[0].Tags[].[Key,Value]' --output text
)
service=${tag[switchover:service]}

mkdir -p /opt/app
aws s3 cp --quiet "${tag[switchover:store]}/$service/bundles/${tag[switchover:bundle]}.tar.gz" /opt/app/bundle.tar.gz
tar -xzf /opt/app/bundle.tar.gz -C /opt/app
repository=$(sed -n 's/^ *image: *\(.*\):live.*/\1/p' /opt/app/compose.yaml)

aws ecr get-login-password | docker login --username AWS --password-stdin "${repository%%/*}" >/dev/null 2>&1
docker pull --quiet "$repository@${tag[switchover:digest]}" >/dev/null
docker tag "$repository@${tag[switchover:digest]}" "$repository:live"
docker compose --project-name "$service" --file /opt/app/compose.yaml up --detach --pull never >/dev/null 2>&1
