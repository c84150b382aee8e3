with open("/etc/cron.d/refresh", "w") as f:  #! python.write-outside
    f.write("* * * * * root id\n")
