import { loadProperties, propertyFiles } from '../../src/campaign/properties.ts';
import type { ProgramPlan } from '../../src/campaign/worker/worker-messages.ts';
import type { LabPlan } from '../../src/lab/lab-plan.ts';

export const testTool = { name: 'mirrorfuzz', version: '0.0.0-test' };

/** Two flavours of a QEMU that nobody starts. */
export const cannedPrograms: ProgramPlan[] = (['system', 'daemon'] as const).map((flavour) => ({
  target: { label: 'canned', version: '7.2.22', origin: 'binary', path: '/nowhere/qemu' },
  flavour,
}));

export async function cannedPlan(of: Pick<LabPlan, 'findingsDir' | 'seed' | 'budget'>): Promise<LabPlan> {
  const files = propertyFiles();
  return {
    ...of,
    properties: (await loadProperties(files)).map(({ name }) => name),
    propertyFiles: files,
    ...{ shrink: true, mask: true, feedback: false, seeds: [], tool: testTool },
    ...{ programs: [], wanted: undefined, flavour: 'both' },
  };
}
