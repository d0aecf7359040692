// A PDS with a directory of identities (PLC) of its own, on this machine only, as long as the process lives.
// Started with `node server.cjs INSTALLED STATE`: the folder that install.sh filled, and one for its files.
// Prints its port on the first line.
const net = require('node:net')
const path = require('node:path')

const [installed, state] = process.argv.slice(2).map((each) => path.resolve(each))
process.env.TMPDIR = state // where the PDS keeps its database and blobs

// It would listen on every interface, and has no setting for that.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (where, ...rest) {
  const options = typeof where === 'object' && where !== null ? where : { port: where }
  return listen.call(this, { ...options, host: '127.0.0.1' }, ...rest)
}

async function main() {
  const { TestPlc, TestPds } = require(path.join(installed, 'node_modules', '@atproto', 'dev-env'))
  const plc = await TestPlc.create({})
  const pds = await TestPds.create({ didPlcUrl: plc.url.replace('localhost', '127.0.0.1') })
  console.log(pds.port)
}

main()
