/**
 * The condition keys that requests to this cloud can carry, `/…` standing for a tag key. A policy that asks for another
 * is refused when it is read: it would be judged by a value that is never there.
 */
const known = [
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:PrincipalIsAWSService',
  'aws:PrincipalType',
  'aws:RequestTag/…',
  'aws:RequestedRegion',
  'aws:ResourceTag/…',
  'aws:TagKeys',
  'aws:ViaAWSService',
  'aws:userid',
  'autoscaling:ResourceTag/…',
  'cloudwatch:AlarmActions',
  'ec2:Region',
  'ec2:ResourceTag/…',
  'ec2:SourceInstanceARN',
  'elasticloadbalancing:ResourceTag/…',
  's3:delimiter',
  's3:if-match',
  's3:if-none-match',
  's3:max-keys',
  's3:prefix',
].map((key) => key.toLowerCase())

export function isKnownKey(key: string): boolean {
  const name = key.toLowerCase()
  const slash = name.indexOf('/')
  return slash < 0
    ? known.includes(name)
    : name.length > slash + 1 && known.includes(`${name.slice(0, slash)}/…`)
}

/** Whether a request may give several values for the key, so that a condition must say `ForAllValues:` or `ForAnyValue:`. */
export function isMultivalued(key: string): boolean {
  return ['aws:tagkeys', 'cloudwatch:alarmactions'].includes(key.toLowerCase())
}
