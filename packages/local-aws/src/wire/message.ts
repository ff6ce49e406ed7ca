/** An HTTP request once its body has arrived. Header names are in lower case. */
export type WireRequest = Readonly<{
  method: string
  /** Still percent-encoded, without the query. */
  path: string
  /** Without its `?`, still percent-encoded. */
  query: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}>

export type WireResponse = Readonly<{
  status: number
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}>

export const emptyBody = new Uint8Array()
