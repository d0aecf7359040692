"""What every page of the console stands in: authorization, navigation, forms, paging, search."""
