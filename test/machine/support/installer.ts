import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { agentKeys, parseStoreUrl } from '@switchover/contract/store'
import * as account from '@switchover/rehearsal/account'
import type { Instance } from './instance.ts'
import type { Service } from './service.ts'

export type Circumstances = {
  /** In place of those the user-data wrote. */
  settings?: Readonly<Record<string, string>>
  /** Programs the machine lacks. */
  without?: readonly string[]
  /** Shell scripts in the place of programs. */
  instead?: Readonly<Record<string, string>>
  /** Commands in a mount namespace of the installer's own. */
  mounts?: string
  user?: string
}

/** Runs the installer that the user-data has put on the machine, and waits for its end. */
export async function runInstaller(instance: Instance, given: Circumstances = {}) {
  const { settings = {}, without = [], instead = {}, mounts = 'true', user = 'root' } = given
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`)
  const scripts = Object.entries(instead).map(
    ([name, script]) => `put '#!/bin/sh\n${script}\n' /opt/tools/${name}`,
  )
  const output = await instance.sh(`
    put() { rm -f "$2"; printf %s "$1" >"$2"; chmod 755 "$2"; }
    rm -rf /opt/tools; mkdir /opt/tools
    ln -sf /usr/sbin/* /usr/bin/* /opt/tools/
    rm -f ${['/opt/tools/nothing', ...without.map((name) => `/opt/tools/${name}`)].join(' ')}
    ${scripts.join('\n')}
    put "$(cat /etc/switchover/bootstrap.env)
${lines.join('')}" /opt/tools.env
    status=0
    unshare --mount sh -c '${mounts}; exec setpriv --reuid=${user} env PATH=/opt/tools /usr/local/sbin/switchover-install /opt/tools.env' 2>&1 || status=$?
    echo "exit $status"`)
  const [, said = '', code] = /^(.*?)\n?exit (\d+)$/s.exec(output) ?? []
  return { said, code: Number(code) }
}

/** The agent that runs, and every file the installer makes: inode, time of writing and where a link leads. */
export function installed(instance: Instance): Promise<string> {
  return instance.sh(`
    systemctl show --property=MainPID switchover-agent
    find /opt/switchover /usr/local/bin/switchover-agent /etc/systemd/system/switchover-agent.* ! -type d -printf '%p %i %T@ %l\\n' | sort`)
}

/** Puts the agent of this checkout into the store under another version, too. */
export async function publishAs(service: Service, version: string): Promise<void> {
  const { prefix = '' } = parseStoreUrl(account.store) ?? {}
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
  const [from, to] = ['0.1.0', version].map((name) => agentKeys(prefix, name, arch).tarball)
  const { s3 } = service.stage.clients
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: account.bucket, Key: from }))
  if (!Body) throw new Error(`${from} is empty.`)
  const bytes = await Body.transformToByteArray()
  await s3.send(new PutObjectCommand({ Bucket: account.bucket, Key: to, Body: bytes }))
}
