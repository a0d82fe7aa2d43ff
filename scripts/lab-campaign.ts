import { isDeepStrictEqual } from 'node:util';
import {
  type CampaignOutcome,
  type HardPlan,
  hardCampaign,
  onOneMachine,
} from '../test/lab/hard-campaign.ts';

/**
 * Campaigns of 400 shards whose workers and Redis are killed and stopped (test/lab/hard-campaign.ts), against what one
 * machine does with the same seed. `lab-campaign.ts [CAMPAIGNS] [SHARDS] [SEED]`; exit code 1 where they differ.
 */
const [campaigns = '1', shards = '400', seed = '1'] = process.argv.slice(2);

for (let i = 0; i < Number(campaigns); i++) {
  const plan: HardPlan = {
    seed: String(Number(seed) + i),
    ...{ shards: Number(shards), shardSequences: 8, msEach: 40 },
    ...{ lockMs: 2_000, lifeMs: 3_000, crashEvery: 300, defects: 3 },
  };
  const [local, lab] = [await onOneMachine(plan), await hardCampaign(plan, (line) => say(`  ${line}`))];
  const wrong = differences(local, lab);
  const { killed, stopped } = lab.hardships;
  say(
    `seed ${plan.seed}: ${lab.shards} shards with ${lab.sequences} sequences in ${(lab.ms / 1000).toFixed(0)} s; ` +
      `workers killed ${killed} and stopped ${stopped} times; ${lab.findings.length} findings: ` +
      (wrong.length === 0 ? 'as on one machine' : wrong.join('; ')),
  );
  if (wrong.length > 0) process.exitCode = 1;
}

function differences(local: Pick<CampaignOutcome, 'ran' | 'findings'>, lab: CampaignOutcome): string[] {
  const [here, there] = [new Set(local.ran), new Set(lab.ran)];
  const twice = lab.ran.length - there.size;
  const missing = local.ran.filter((each) => !there.has(each)).length;
  const other = lab.ran.filter((each) => !here.has(each)).length;
  return [
    ...(lab.sequences === local.ran.length
      ? []
      : [`${lab.sequences} of ${local.ran.length} sequences counted`]),
    ...(missing + other === 0 ? [] : [`${missing} sequences missing, ${other} others`]),
    ...(twice === 0 ? [] : [`${twice} sequences counted twice`]),
    ...(isDeepStrictEqual(lab.findings, local.findings) ? [] : [`findings ${lab.findings.join(', ')}`]),
    ...(lab.executions.every((times) => times > 1) ? [] : ['a finding was not shrunk']),
    ...(Object.keys(lab.undecided).length === 0 ? [] : [`undecided: ${JSON.stringify(lab.undecided)}`]),
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
