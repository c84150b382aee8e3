"""All attacks, by category."""

from catalogue import filesystem, forgery, kernel, network, node, privilege, processes, resources

ATTACKS = [attack for module in (filesystem, processes, network, privilege, kernel, resources, forgery, node)
           for attack in module.ATTACKS]
