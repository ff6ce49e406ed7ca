/** What the environment says, read in this one place. */
export type Environment = { region: string | undefined }

export function environment(): Environment {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env
  return { region: AWS_REGION || AWS_DEFAULT_REGION || undefined }
}
