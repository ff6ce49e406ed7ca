import { ResumeProcessesCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'ResumeProcesses')

const suspended = async (scene: Scene, name: string) =>
  ((await scene.find(name)).SuspendedProcesses ?? []).map((one) => String(one.ProcessName)).toSorted()

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'without names it resumes all, those another suspended too',
  },
  async (scene) => {
    const { name, of } = await scene.group()
    const ScalingProcesses = ['AZRebalance', 'AlarmNotification']
    await scene.place.autoScaling.send(new SuspendProcessesCommand({ ...of, ScalingProcesses }))
    await scene.place.autoScaling.send(new ResumeProcessesCommand(of))
    expect(await suspended(scene, name)).toEqual([])
  },
)

row(
  {
    status: 'trace',
    source: 'set semantics, as tools rely on them',
    says: 'only what is named is resumed, and what is not suspended is no error',
  },
  async (scene) => {
    const { name, of } = await scene.group()
    const ScalingProcesses = ['AZRebalance', 'AlarmNotification']
    await scene.place.autoScaling.send(new SuspendProcessesCommand({ ...of, ScalingProcesses }))
    await scene.place.autoScaling.send(
      new ResumeProcessesCommand({ ...of, ScalingProcesses: ['AZRebalance', 'Launch'] }),
    )
    expect(await suspended(scene, name)).toEqual(['AlarmNotification'])
  },
)
