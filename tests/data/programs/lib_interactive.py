# code.interact and cmd read stdin.
import code, sys
console = code.InteractiveConsole({"x": 5})
console.interact(banner="banner", exitmsg="bye")
