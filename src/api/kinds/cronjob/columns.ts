import type { CronJob } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabelSelector, NONE, since, templateCells, UNSET } from '../shared/cells.ts';

type Template = { spec?: { template?: NonNullable<CronJob['spec']>['jobTemplate']['spec'] } };

const jobOf = ({ spec }: CronJob) => ({ spec: spec?.jobTemplate.spec }) as Template;

export const view: KindView<CronJob> = {
  cells: {
    Schedule: ({ spec }) => spec?.schedule ?? '',
    Timezone: ({ spec }) => spec?.timeZone ?? NONE,
    Suspend: ({ spec }) => (spec?.suspend === undefined ? UNSET : spec.suspend ? 'True' : 'False'),
    Active: ({ status }) => status?.active?.length ?? 0,
    'Last Schedule': ({ status }, now) => (status?.lastScheduleTime ? since(status.lastScheduleTime, now) : NONE),
    Containers: (cronJob) => templateCells.Containers(jobOf(cronJob) as Parameters<typeof templateCells.Containers>[0]),
    Images: (cronJob) => templateCells.Images(jobOf(cronJob) as Parameters<typeof templateCells.Images>[0]),
    Selector: ({ spec }) => formatLabelSelector(spec?.jobTemplate.spec?.selector),
  },
};
