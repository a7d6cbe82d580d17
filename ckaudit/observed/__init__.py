"""What timestamps show of automations: links compared with the manifest, automations that no manifest lists, and timelines."""
