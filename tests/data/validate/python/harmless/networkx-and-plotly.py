import networkx as nx
import plotly.express as px

graph = nx.karate_club_graph()
rank = nx.pagerank(graph)
top = sorted(rank, key=rank.get, reverse=True)[:5]
print(top, nx.shortest_path(graph, 0, 33))
figure = px.bar(x=[str(n) for n in top], y=[rank[n] for n in top], title="eval of nodes")
figure.write_html("out.html")
