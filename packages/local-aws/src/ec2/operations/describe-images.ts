import { texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { filtered } from '../filters.ts'

export const describeImages: Operation = (cloud, input) => {
  const ids = texts(input, 'ImageId')
  const missing = ids.filter((id) => !cloud.ec2.images.has(id))
  if (missing.length > 0) {
    const [verb, plural] = missing.length === 1 ? ['does', ''] : ['do', 's']
    throw new AwsError(
      'InvalidAMIID.NotFound',
      `The image id${plural} '[${missing.join(', ')}]' ${verb} not exist`,
    )
  }
  const all = [...cloud.ec2.images.values()].filter((image) => ids.length === 0 || ids.includes(image.id))
  const found = filtered(input, all, (image, filter) => {
    if (filter === 'architecture') return [image.architecture]
    if (filter === 'image-id') return [image.id]
    if (filter === 'name') return [image.name]
    return filter === 'state' ? ['available'] : null
  })
  return {
    imagesSet: found.map((image) => ({
      imageId: image.id,
      imageLocation: `amazon/${image.name}`,
      imageState: 'available',
      imageOwnerId: cloud.account,
      isPublic: true,
      architecture: image.architecture,
      imageType: 'machine',
      name: image.name,
      rootDeviceType: 'ebs',
      rootDeviceName: '/dev/xvda',
      virtualizationType: 'hvm',
      hypervisor: 'xen',
      imdsSupport: 'v2.0',
    })),
  }
}
