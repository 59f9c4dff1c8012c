import { describe, expect, it } from 'vitest';
import { type Failure, failedOn, isSuspicious, nextWay, startWith, type Way, type Ways } from './way.ts';

/** What a network lets through, as the page's attempts meet it. */
type Network = { socket: Failure | 'works'; http: boolean };

/** The ways that are tried until one works, at most `most`. */
function tries(network: Network, ways: Ways = startWith('socket'), most = 8): Way[] {
  const tried: Way[] = [];
  let now = ways;
  while (tried.length < most) {
    const answered = isSuspicious(now) && network.http;
    const way = nextWay(now, answered);
    tried.push(way);
    if (way === 'http' ? network.http : network.socket === 'works') break;
    now = failedOn(
      now,
      way,
      way === 'http' || network.socket === 'works' ? 'refused' : network.socket,
      answered,
    );
  }
  return tried;
}

describe('the way to the server', () => {
  it('is a WebSocket wherever one opens', () => {
    expect(tries({ socket: 'works', http: true })).toEqual(['socket']);
  });

  it('is HTTP after two refusals, the second one while the server answered', () => {
    expect(tries({ socket: 'refused', http: true })).toEqual(['socket', 'socket', 'http']);
  });

  it('is HTTP after one silence', () => {
    expect(tries({ socket: 'silent', http: true })).toEqual(['socket', 'http']);
  });

  it('stays a WebSocket while the server is down or the device offline', () => {
    expect(new Set(tries({ socket: 'refused', http: false }))).toEqual(new Set(['socket']));
    expect(new Set(tries({ socket: 'silent', http: false }))).toEqual(new Set(['socket']));
  });

  it('stays a WebSocket where the server itself closes it', () => {
    expect(new Set(tries({ socket: 'closed', http: true }))).toEqual(new Set(['socket']));
  });

  it('does not blame a proxy for a server that comes back between two attempts', () => {
    const down = failedOn(startWith('socket'), 'socket', 'refused', false);
    expect(nextWay(down, true)).toBe('socket');
  });

  it('begins with HTTP where that worked last, and finds back when it does not any more', () => {
    expect(tries({ socket: 'works', http: true }, startWith('http'))).toEqual(['http']);
    expect(tries({ socket: 'works', http: false }, startWith('http'))).toEqual(['http', 'http', 'socket']);
  });

  it('is tried both ways in turn where the server answers and neither works', () => {
    let ways = startWith('socket');
    const tried: Way[] = [];
    for (let round = 0; round < 6; round += 1) {
      const way = nextWay(ways, isSuspicious(ways));
      tried.push(way);
      ways = failedOn(ways, way, 'refused', true);
    }
    expect(tried).toEqual(['socket', 'http', 'socket', 'http', 'socket', 'http']);
  });
});
