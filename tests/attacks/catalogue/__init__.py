"""All attacks, by category."""

from catalogue import filesystem, forgery, kernel, network, privilege, processes, resources

ATTACKS = [attack for module in (filesystem, processes, network, privilege, kernel, resources, forgery)
           for attack in module.ATTACKS]
