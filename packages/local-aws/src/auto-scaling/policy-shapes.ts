import { metricQuery } from '../cloud-watch/settings.ts'
import type { Shape } from '../shape.ts'

const predefined = { of: { PredefinedMetricType: 'text', ResourceLabel: 'text' } } as const
const customized = { of: { MetricDataQueries: { row: metricQuery } } } as const

/** TargetTrackingConfiguration of the API. */
export const targetTrackingShape = {
  PredefinedMetricSpecification: predefined,
  CustomizedMetricSpecification: {
    of: {
      MetricName: 'text',
      Namespace: 'text',
      Dimensions: { row: { Name: 'text', Value: 'text' } },
      Statistic: 'text',
      Unit: 'text',
      Period: 'integer',
      Metrics: { row: metricQuery },
    },
  },
  TargetValue: 'decimal',
  DisableScaleIn: 'flag',
} as const satisfies Shape

/** PredictiveScalingConfiguration of the API. */
export const predictiveShape = {
  MetricSpecifications: {
    row: {
      TargetValue: 'decimal',
      PredefinedMetricPairSpecification: predefined,
      PredefinedScalingMetricSpecification: predefined,
      PredefinedLoadMetricSpecification: predefined,
      CustomizedScalingMetricSpecification: customized,
      CustomizedLoadMetricSpecification: customized,
      CustomizedCapacityMetricSpecification: customized,
    },
  },
  Mode: 'text',
  SchedulingBufferTime: 'integer',
  MaxCapacityBreachBehavior: 'text',
  MaxCapacityBuffer: 'integer',
} as const satisfies Shape
