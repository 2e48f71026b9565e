import { describe, expect, it } from 'vitest';
import { defineErrors, PlumblineError } from './errors.ts';

const errors = defineErrors({
  ConcurrentChange: {
    retry: 'afterRead',
    message: (f: { device: string; section: string }) => `${f.device}: ${f.section} changed on the device while the plan waited`,
    next: 'Look at the new plan.',
  },
  DanglingReference: {
    severity: 'warning',
    message: (f: { name: string; near?: string | undefined }) => `no RoutePolicy is named "${f.name}"`,
    next: (f: { near?: string | undefined }) => (f.near ? `Write ${f.near}.` : 'Write one.'),
  },
});

describe('an error of a table', () => {
  it('carries code, policy, message and next step', () => {
    const error = errors.ConcurrentChange({ device: 'edge1-fra', section: 'router bgp 64500' });
    expect(error).toBeInstanceOf(PlumblineError);
    expect(error).toMatchObject({
      code: 'ConcurrentChange',
      severity: 'error',
      retry: 'afterRead',
      message: 'edge1-fra: router bgp 64500 changed on the device while the plan waited',
      next: 'Look at the new plan.',
      at: undefined,
    });
  });

  it('keeps the outside failure it wraps', () => {
    const cause = new Error('socket closed');
    expect(errors.ConcurrentChange({ device: 'a', section: 'b' }, { cause }).cause).toBe(cause);
    expect(errors.ConcurrentChange({ device: 'a', section: 'b' })).not.toHaveProperty('cause');
  });

  it('says what to write from the facts, and where', () => {
    const at = { file: 'a.yaml', line: 3, col: 7 };
    expect(errors.DanglingReference({ name: 'x', near: 'y' }, { at })).toMatchObject({
      severity: 'warning',
      retry: 'never',
      next: 'Write y.',
      at,
    });
    expect(errors.DanglingReference({ name: 'x' }).next).toBe('Write one.');
  });

  it('gives its rows to the printed reference', () => expect(Object.keys(errors.rows)).toEqual(['ConcurrentChange', 'DanglingReference']));
});
