// An OpenID provider on loopback. Usage: node oidc_server.mjs PORT REDIRECT_URI; whoever gives a name
// of these with any password is that person. The package is installed beside it by the test.
import { Provider } from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const people = {
  anna: { email: "anna@school.example", email_verified: true },
  ben: { email: "Ben@class.example", email_verified: true },
  clara: { name: "Clara" },
  eve: { email: "eve@elsewhere.example", email_verified: true },
  mallory: { email: "anna@school.example", email_verified: false },
};
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: "asl", client_secret: "of-the-test", redirect_uris: [redirect] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
