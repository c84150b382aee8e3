from tkinter import *

root = Tk()
root.title("Counter")
value = IntVar(value=0)
Label(root, textvariable=value).pack()
Button(root, text="+1", command=lambda: value.set(value.get() + 1)).pack()
root.after(1000, root.destroy)
root.mainloop()
