/* PM2: pm2 start ecosystem.config.cjs, then `pm2 save` and `pm2 startup`.
   Settings come from /var/lib/vernis/vernis.toml or the environment that PM2 is started with. */
const path = require('node:path')

const home = process.env.VERNIS_HOME || '/var/lib/vernis'
const vernis = process.env.VERNIS_BIN || '/opt/vernis/bin/vernis'
const bridge = process.env.VERNIS_BRIDGE_DIR || path.resolve(__dirname, '..', 'bridge')

const common = {
  instances: 1,
  exec_mode: 'fork',
  autorestart: true,
  max_memory_restart: '200M', // nothing is lost by a restart: work is found again in the tables
  kill_timeout: 12000, // a stop ends what is under way within ten seconds
  exp_backoff_restart_delay: 500,
  time: false, // each line has its time
}

function python(name, command, env = {}) {
  return {
    ...common,
    name,
    script: vernis,
    args: command,
    interpreter: 'none',
    cwd: home,
    env: { VERNIS_HOME: home, VERNIS_LOG_FORMAT: 'json', ...env },
  }
}

module.exports = {
  apps: [
    python('vernis-web', 'web'),
    python('vernis-worker', 'worker', { VERNIS_METRICS_PORT: '9101' }),
    {
      ...common,
      name: 'vernis-bridge',
      script: path.join(bridge, 'src', 'main.js'),
      cwd: bridge,
      kill_timeout: 20000, // messages on their way
      env: { NODE_ENV: 'production', BRIDGE_DATA: path.join(home, 'bridge') },
    },
  ],
}
