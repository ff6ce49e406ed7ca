/**
 * A reference as engines write it in the names of their images: Docker Hub's without its host, its official ones without
 * `library/` (github.com/distribution/reference, FamiliarName), and no tag beside a digest.
 */
export function familiarName(reference: string): string {
  return reference
    .replace(/^(index\.)?docker\.io\//, '')
    .replace(/^library\/(?=[^/]+$)/, '')
    .replace(/:[^/@]+(?=@)/, '')
}
