def users():
    try:
        import pwd, grp  #! python.import.system
    except ImportError:
        return []
    return [(u.pw_name, grp.getgrgid(u.pw_gid).gr_name) for u in pwd.getpwall()]


print(users())
