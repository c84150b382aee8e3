# files that are open when quit() ends the program are written
# request: {"output_files": ["*.txt"]}
out = open("out.txt", "w")
out.write("x")
quit()
