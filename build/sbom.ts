import type { Component } from './components.ts'

/** What the bill is of: its name, its version, and the commit it was built from, where one is known. */
export type Subject = { name: string; version: string; commit: string | null }

/** A part that is not a package of npm's. */
export type Binary = { name: string; version: string; sha256: string; licence: string; address: string }

/**
 * The software bill of materials of a program, as CycloneDX 1.6 (ECMA-424). It has no time and no serial number: the same
 * sources give the same bytes.
 */
export function billOfMaterials(
  subject: Subject,
  components: readonly Component[],
  binaries: readonly Binary[] = [],
): string {
  const packages = components.map(({ name, version, licence }) => {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
    return { type: 'library', 'bom-ref': purl, ...named(name), version, licenses: licences(licence), purl }
  })
  const parts = binaries.map(({ name, version, sha256, licence, address }) => {
    const purl = `pkg:generic/${name}@${version}`
    return {
      type: 'application',
      'bom-ref': purl,
      name,
      version,
      hashes: [{ alg: 'SHA-256', content: sha256 }],
      licenses: licences(licence),
      purl,
      externalReferences: [{ type: 'website', url: address }],
    }
  })
  const { name, version, commit } = subject
  const own = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': own,
          ...named(name),
          version,
          licenses: licences('MIT'),
          purl: own,
          ...(commit === null ? {} : { properties: [{ name: 'switchover:commit', value: commit }] }),
        },
      },
      components: [...parts, ...packages],
      dependencies: [{ ref: own, dependsOn: [...parts, ...packages].map((part) => part['bom-ref']) }],
    },
    null,
    2,
  )}\n`
}

function named(name: string): { group?: string; name: string } {
  const [scope, rest] = name.split('/')
  return rest === undefined || scope === undefined ? { name } : { group: scope, name: rest }
}

/** CycloneDX takes one identifier apart from an expression of several. */
function licences(spdx: string): unknown[] {
  return /\s/.test(spdx) ? [{ expression: spdx.replace(/^\(|\)$/g, '') }] : [{ license: { id: spdx } }]
}
