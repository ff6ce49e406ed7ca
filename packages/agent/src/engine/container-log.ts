const headerBytes = 8

/**
 * Lines of a container's log as the Engine API sends it: frames of an 8-byte header (stream 0 to 2, three zeroes,
 * length) and a payload, or plain text where the container has a terminal (Docker Engine API, ContainerAttach).
 */
export function lastLines(body: Buffer, max: number): string[] {
  const text = (isFramed(body) ? payloads(body) : body).toString('utf8')
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .slice(-max)
}

function isFramed(body: Buffer): boolean {
  return body.length >= headerBytes && body.readUInt8(0) <= 2 && body.readUIntBE(1, 3) === 0
}

function payloads(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let offset = 0; offset + headerBytes <= body.length;) {
    const length = body.readUInt32BE(offset + 4)
    parts.push(body.subarray(offset + headerBytes, offset + headerBytes + length))
    offset += headerBytes + length
  }
  return Buffer.concat(parts)
}
