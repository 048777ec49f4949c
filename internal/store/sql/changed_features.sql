-- Features of a layer that have entries in a span, in the order of their ids. The span is read first, a short one by the index
-- log_layer: with the order and the limit in the same question the planner may walk through all of the layer's entries by log_feature.
WITH spanned AS MATERIALIZED (
    SELECT feature FROM bando.log WHERE layer = {layer} AND revision > {since} AND revision <= {until}
)
SELECT DISTINCT feature FROM spanned WHERE feature > {after} ORDER BY feature LIMIT {limit}
