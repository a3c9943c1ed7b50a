/* PM2: BRIDGE_SECRET=... pm2 start ecosystem.config.cjs */
module.exports = {
  apps: [
    {
      name: 'vernis-bridge',
      cwd: __dirname,
      script: 'src/main.js',
      instances: 1,
      exec_mode: 'fork',
      kill_timeout: 20000,
      exp_backoff_restart_delay: 1000,
      max_memory_restart: '600M',
      env: { NODE_ENV: 'production' },
    },
  ],
}
