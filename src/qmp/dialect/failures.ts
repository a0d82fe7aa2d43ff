import type { Dialect } from '../../sequence/sequence.ts';
import type { Failure } from './translation.ts';

/*
 * Errors as QEMU had them: RHEL 6 (0.12, with qerror.h up to 1.1) a class for each, and its figures as `data`; since
 * 1.2, and so RHEL 7 (1.5.3), GenericError with the same words, but for the few classes that clients rely on.
 */

export const commandNotFound = (name: string): Failure => ({
  class: 'CommandNotFound',
  desc: `The command ${name} has not been found`,
});

export const invalidParameter = (dialect: Dialect, name: string): Failure =>
  classed(dialect, 'InvalidParameter', `Invalid parameter '${name}'`, { name });

export const missingParameter = (dialect: Dialect, name: string): Failure =>
  classed(dialect, 'MissingParameter', `Parameter '${name}' is missing`, { name });

export const invalidParameterType = (dialect: Dialect, name: string, expected: string): Failure =>
  classed(dialect, 'InvalidParameterType', `Invalid parameter type for '${name}', expected: ${expected}`, {
    name,
    expected,
  });

export const deviceInUse = (dialect: Dialect, device: string): Failure =>
  classed(dialect, 'DeviceInUse', `Device '${device}' is in use`, { device });

export const deviceNotFound = (device: string): Failure => ({
  class: 'DeviceNotFound',
  desc: `Device '${device}' not found`,
});

export const fdNotFound = (dialect: Dialect, name: string): Failure =>
  classed(dialect, 'FdNotFound', `File descriptor named '${name}' not found`, { name });

/** Classes that no QEMU since 1.2 has. */
export const classesOfOld: ReadonlySet<string> = new Set([
  'InvalidParameter',
  'MissingParameter',
  'InvalidParameterType',
  'DeviceInUse',
  'FdNotFound',
]);

function classed(dialect: Dialect, name: string, desc: string, data: Record<string, string>): Failure {
  return dialect === 'rhel6' ? { class: name, desc, data } : { class: 'GenericError', desc };
}
