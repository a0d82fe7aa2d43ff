import type { Mutation, TextMutation } from './draft.ts';
import { arrayForObject } from './mutations/array-for-object.ts';
import { badBytes } from './mutations/bad-bytes.ts';
import { badId } from './mutations/bad-id.ts';
import { deepNesting } from './mutations/deep-nesting.ts';
import { duplicateKey } from './mutations/duplicate-key.ts';
import { extraMember } from './mutations/extra-member.ts';
import { knownFailure } from './mutations/known-failure.ts';
import { longList } from './mutations/long-list.ts';
import { missingMember } from './mutations/missing-member.ts';
import { misspeltCommand } from './mutations/misspelt-command.ts';
import { nullValue } from './mutations/null-value.ts';
import { oddInteger } from './mutations/odd-integer.ts';
import { oddString } from './mutations/odd-string.ts';
import { wrongBranch } from './mutations/wrong-branch.ts';
import { wrongEnum } from './mutations/wrong-enum.ts';
import { wrongNode } from './mutations/wrong-node.ts';
import { wrongState } from './mutations/wrong-state.ts';
import { wrongType } from './mutations/wrong-type.ts';

/** Adding a mutation means adding its file and its line here. */
export const mutations: readonly Mutation[] = [
  missingMember,
  extraMember,
  nullValue,
  wrongType,
  arrayForObject,
  wrongEnum,
  wrongBranch,
  oddInteger,
  oddString,
  badId,
  wrongNode,
  wrongState,
  misspeltCommand,
  deepNesting,
  longList,
  knownFailure,
];

/** What a parsed command can't hold. */
export const textMutations: readonly [TextMutation, ...TextMutation[]] = [duplicateKey, badBytes];
