/** CloudWatch's metrics, and the alarms that are evaluated over them. */
export { type AlarmBook, AlarmEvaluation, type MetricAlarm } from './alarms.ts';
export { createMetricService } from './service.ts';
export { type Dimensions, MetricStore } from './store.ts';
