import { portsTaken } from '../../runtime/component-helpers/host-ports.ts';
import type { FilterPlugin } from '../framework.ts';

export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  wakes: ['pod-deleted'],
  prepare({ pod }) {
    const taken = portsTaken(pod);
    return (
      taken &&
      (({ pods }) =>
        taken(pods) ? { reasons: ["node(s) didn't have free ports for the requested pod ports"] } : undefined)
    );
  },
};
