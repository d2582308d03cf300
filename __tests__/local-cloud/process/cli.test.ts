import { describe, expect, it } from '@jest/globals';
import { parseCommand } from '../../../local-cloud/process/cli.ts';

describe('parseCommand', () => {
  it('has defaults that a newcomer can live with', () => {
    expect(parseCommand(['up'])).toEqual({
      name: 'up',
      json: false,
      instances: 'docker',
      speed: 1,
      port: 4570,
    });
  });

  it('reads every option', () => {
    const parameters = ['up', '--json', '--instances', 'simulated', '--speed', '60', '--port=4600'];
    expect(parseCommand(parameters)).toEqual({
      ...{ name: 'up', json: true, instances: 'simulated', speed: 60, port: 4600 },
    });
  });

  it('gives nothing to do when help was asked for', () => {
    expect(parseCommand(['--help'])).toBeUndefined();
  });

  it.each([
    [[], '"" is no command'],
    [['upp'], '"upp" is no command'],
    [['up', 'down'], '"up down" is no command'],
    [['up', '--instances', 'real'], '--instances is "real"'],
    [['up', '--speed', '2'], '--speed is for --instances simulated'],
    [['up', '--instances', 'simulated', '--speed', '0'], '--speed is "0"; give a number from 1 to 100000'],
    [['up', '--port', '80'], '--port is "80"; give a number from 1024 to 64535'],
    [['up', '--port', '4570x'], '--port is "4570x"'],
    [['up', '--port', '4570.5'], '--port is 4570.5; give a whole number'],
    [['up', '--prot', '1'], "Unknown option '--prot'"],
  ])('refuses %j and says why, having touched nothing', (parameters, message) => {
    expect(() => parseCommand(parameters)).toThrow(message);
    expect(() => parseCommand(parameters)).toThrow('Nothing was touched.');
  });
});
