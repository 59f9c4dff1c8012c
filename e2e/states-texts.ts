/** Texts that a page must be able to show: every kind of block, long code, long words. */
export const MARKDOWN_ANSWER = `A **/25** holds 126 hosts, so each office gets one. A \`/22\` has eight of them: five are used, three stay free.

| Office | Subnet | Usable hosts | Gateway |
|---|---|---:|---|
| Bern | 10.40.0.0/25 | 126 | 10.40.0.1 |
| Ghent | 10.40.0.128/25 | 126 | 10.40.0.129 |
| Oslo | 10.40.1.0/25 | 126 | 10.40.1.1 |
| Porto | 10.40.1.128/25 | 126 | 10.40.1.129 |
| Turin | 10.40.2.0/25 | 126 | 10.40.2.1 |

### Before you enter them
- Reserve \`10.40.2.128/25\` and \`10.40.3.0/24\` as *container* prefixes
- Put one role on each, so that NetBox can find the next free one

> The [NetBox documentation](https://netboxlabs.com/docs) explains prefixes and containers.
`;

export const CODE_ANSWER = `This lists the active devices of a site:

\`\`\`python
import os
import pynetbox

# A read-only token is enough.
nb = pynetbox.api(os.environ["NETBOX_URL"], token=os.environ["NETBOX_TOKEN"])

def active_devices(site: str) -> list[dict[str, str]]:
    """Name and primary address of every active device of a site."""
    return [
        {"name": device.name, "address": str(device.primary_ip) if device.primary_ip else "none", "role": device.role.name, "rack": str(device.rack)}
        for device in nb.dcim.devices.filter(site=site, status="active")
    ]

if __name__ == "__main__":
    for row in active_devices("bern"):
        print(f"{row['name']:<24}{row['address']}")
\`\`\`

1. Install the library:
   \`\`\`bash
   python -m pip install pynetbox && export NETBOX_URL=https://netbox.example.com
   \`\`\`
2. Then run it. The answer as JSON:

\`\`\`json
{ "name": "sw-03", "address": "10.40.0.2/25", "active": true, "ports": 48 }
\`\`\`
`;

export const LONG_WORD =
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3);

/** Links that say they lead elsewhere, and characters that show nothing. */
export const DECEIVING = `Sign in at [https://netbox.dev/login](https://evil.example/login), or at [NetBox](https://n\u0435tbox.dev/). The manual is at [netbox.dev](https://netbox.dev/).

> \u202eThis line is turned around\u202c, and the next one is not.

\`\`\`js
if (role !== 'admin\u202e \u2066// only for admins\u2069 \u2066') {
  grant\u200bAll();
}
\`\`\`

${'> '.repeat(40)}deep`;
