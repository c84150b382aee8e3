#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# vim: set fileencoding=utf-8 :
"""Köln, Zürich, 東京."""

cities = ["Köln", "Zürich", "東京"]
print(sorted(cities), __doc__)
